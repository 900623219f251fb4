import type { Fault, Workspace } from './state.ts';
import { changed } from './workspace.ts';

/** Test control over what goes wrong. `response_url` and `upload` are methods here too. */
export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
}

export function faultsOf(workspace: Workspace): Faults {
  return {
    add(fault) {
      workspace.faults = [...workspace.faults, fault];
      changed(workspace);
    },
    clear() {
      workspace.faults = [];
      changed(workspace);
    },
  };
}

/** The fault that this call meets, used up by it. */
export function meetFault(workspace: Workspace, method: string): Fault | undefined {
  const index = workspace.faults.findIndex(
    (fault) => fault.times > 0 && (fault.method === method || fault.method === '*'),
  );
  const fault = workspace.faults[index];
  if (fault === undefined) return undefined;
  const waits = (fault.after ?? 0) > 0;
  const used: Fault = waits
    ? { ...fault, after: (fault.after ?? 0) - 1 }
    : { ...fault, times: fault.times - 1 };
  workspace.faults = workspace.faults.map((one, at) => (at === index ? used : one));
  return waits ? undefined : fault;
}
