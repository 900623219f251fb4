/** Opens what jobs may touch, for one operation on one target. */
import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Doors } from './doors.ts';
import { Fault } from './doors.ts';
import type { Target } from './incident/target.ts';
import { builtIn } from './migrations/built-in.ts';
import { golangMigrate } from './migrations/golang-migrate.ts';
import { paging } from './paging/paging.ts';
import { backupsOn } from './programs/backups.ts';
import { secretsIn } from './programs/database-url.ts';
import { validationBy } from './programs/psql.ts';
import { servicesByCommands } from './services/commands.ts';
import { openTarget } from './target/target.ts';

export interface OpenedDoors {
  readonly doors: Doors;
  close(): Promise<void>;
}

export function openDoorsOf(
  config: Pick<Config, 'databaseUrls' | 'backupFolder' | 'folder' | 'pagerDutyUrl' | 'environment'>,
): (target: Target) => Promise<OpenedDoors> {
  return async (target) => {
    const url = config.databaseUrls[target.name];
    if (url === undefined || url === '') {
      throw new Fault('not-found', `${target.databaseUrlEnv} is not set where this worker runs.`);
    }
    const database = openTarget({ url });
    const { tool, path: folder } = target.migrations;
    const doors: Doors = {
      target: database,
      migrations: tool === 'built-in' ? builtIn({ url, folder }) : golangMigrate({ url, folder }),
      backups: backupsOn({ url, folder: join(config.backupFolder, target.name) }),
      services: servicesByCommands({
        target,
        env: config.environment,
        secrets: secretsIn(url),
        cwd: config.folder,
      }),
      validation: validationBy({
        url,
        file: target.validation,
        cwd: config.folder,
        statementTimeoutMs: target.policy.statementTimeoutMs,
      }),
      paging: paging({ env: config.environment, pagerDutyUrl: config.pagerDutyUrl }),
    };
    return { doors, close: () => database.close() };
  };
}
