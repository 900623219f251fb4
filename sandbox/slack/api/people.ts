import { z } from 'zod';
import type { JsonObject } from '../json.ts';
import type { User, Workspace } from '../state.ts';
import { fail, ok } from './answer.ts';
import { defineMethod, flag, integer, text } from './define.ts';
import { nextCursor, page } from './pages.ts';
import { ORGANISATION } from '../workspace.ts';

const LIST_WITHOUT_LIMIT_MAX = 1000;

function userObject(workspace: Workspace, user: User): JsonObject {
  const { id, name, realName, kind, teamId, teams } = user;
  const profile = { real_name: realName, display_name: name, team: teamId };
  const common = {
    id,
    team_id: teamId,
    name,
    real_name: realName,
    profile,
    deleted: kind === 'deactivated',
    is_bot: kind === 'bot',
    is_app_user: false,
    updated: 1_700_000_000,
    ...(teams.length > 0 && {
      enterprise_user: { id, enterprise_id: ORGANISATION, is_admin: false, is_owner: false, teams },
    }),
  };
  if (kind === 'deactivated') return common;
  if (kind === 'stranger') return { ...common, is_stranger: true, is_restricted: false };
  const isBot = id === workspace.app.botUserId;
  return {
    ...common,
    profile: isBot
      ? { ...profile, bot_id: workspace.app.botId, api_app_id: workspace.app.appId }
      : profile,
    tz: 'Europe/Berlin',
    tz_label: 'Central European Time',
    tz_offset: 3600,
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: kind === 'guest',
    is_ultra_restricted: false,
  };
}

const usersInfo = defineMethod({
  name: 'users.info',
  tier: 4,
  scopes: ['users:read'],
  jsonBody: false,
  args: z.object({ user: text }),
  run(workspace, { user: id }) {
    const user = workspace.users.get(id);
    return user === undefined ? fail('user_not_found') : ok({ user: userObject(workspace, user) });
  },
});

const usersList = defineMethod({
  name: 'users.list',
  tier: 2,
  scopes: ['users:read'],
  jsonBody: false,
  args: z.object({ cursor: text.optional(), limit: integer.optional() }),
  run(workspace, { cursor, limit }) {
    const users = [...workspace.users.values()].filter(({ kind }) => kind !== 'stranger');
    if (limit === undefined && users.length > LIST_WITHOUT_LIMIT_MAX) return fail('limit_required');
    const whole = limit === undefined || limit === 0 ? LIST_WITHOUT_LIMIT_MAX : limit;
    const part = page(users, { cursor, limit: whole, limitDefault: 1000, limitMax: 1000 });
    if (!part.ok) return part.answer;
    return ok({
      members: part.found.items.map((user) => userObject(workspace, user)),
      cache_ts: Math.floor(workspace.now() / 1000),
      ...nextCursor(part.found.next),
    });
  },
});

const usergroupsList = defineMethod({
  name: 'usergroups.list',
  tier: 2,
  scopes: ['usergroups:read'],
  jsonBody: false,
  args: z.object({ include_users: flag.optional() }),
  run: (workspace, { include_users: withUsers = false }) =>
    ok({
      usergroups: workspace.usergroups.map(({ id, handle, name, users }) => ({
        id,
        team_id: workspace.team.id,
        is_usergroup: true,
        handle,
        name,
        ...(withUsers && { users }),
        user_count: users.length,
      })),
    }),
});

const usergroupsUsersList = defineMethod({
  name: 'usergroups.users.list',
  tier: 2,
  scopes: ['usergroups:read'],
  jsonBody: false,
  args: z.object({ usergroup: text }),
  run(workspace, { usergroup }) {
    const found = workspace.usergroups.find(({ id }) => id === usergroup);
    return found === undefined ? fail('no_such_subteam') : ok({ users: found.users });
  },
});

const teamInfo = defineMethod({
  name: 'team.info',
  tier: 3,
  scopes: ['team:read'],
  args: z.object({ team: text.optional() }),
  run(workspace, { team }) {
    const { id, name, domain } = workspace.team;
    if (team !== undefined && team !== id) return fail('team_not_found');
    return ok({ team: { id, name, domain, url: `https://${domain}.slack.com/` } });
  },
});

const botsInfo = defineMethod({
  name: 'bots.info',
  tier: 3,
  scopes: ['users:read'],
  jsonBody: false,
  args: z.object({ bot: text }),
  run(workspace, { bot }) {
    const { botId, botUserId, appId } = workspace.app;
    if (bot !== botId) return fail('bot_not_found');
    const name = workspace.users.get(botUserId)?.name ?? '';
    return ok({ bot: { id: botId, app_id: appId, user_id: botUserId, name, deleted: false } });
  },
});

const authTest = defineMethod({
  name: 'auth.test',
  tier: 'special',
  scopes: [],
  args: z.object({}),
  run(workspace) {
    const { team, app } = workspace;
    return ok({
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: workspace.users.get(app.botUserId)?.name ?? '',
      team_id: team.id,
      user_id: app.botUserId,
      bot_id: app.botId,
      is_enterprise_install: false,
    });
  },
});

export const peopleMethods = [
  usersInfo,
  usersList,
  usergroupsList,
  usergroupsUsersList,
  teamInfo,
  botsInfo,
  authTest,
] as const;
