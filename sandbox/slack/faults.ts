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

/** The fault that this call meets, used up by it; those that still wait count the call. */
export function meetFault(workspace: Workspace, method: string): Fault | undefined {
  let met: Fault | undefined;
  workspace.faults = workspace.faults.map((fault) => {
    const matches = fault.times > 0 && (fault.method === method || fault.method === '*');
    if (!matches) return fault;
    const { after = 0 } = fault;
    if (after > 0) return { ...fault, after: after - 1 };
    if (met !== undefined) return fault;
    met = fault;
    return { ...fault, times: fault.times - 1 };
  });
  return met;
}
