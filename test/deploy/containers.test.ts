import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');

describe('docker-compose.yml', async () => {
  const Service = z.looseObject({
    image: z.string(),
    build: z.object({ dockerfile: z.string(), target: z.string() }).optional(),
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.string()).default({}),
    ports: z.array(z.string()).default([]),
    profiles: z.array(z.string()).default([]),
    volumes: z.array(z.union([z.string(), z.looseObject({ source: z.string() })])).default([]),
  });
  const { services } = z
    .object({ services: z.record(z.string(), Service) })
    .parse(parse(await read('docker-compose.yml'), { merge: true }));
  const dockerfile = await read('deploy/Dockerfile');

  test('it has the store, the queue, the two roles, and the sandbox only when asked for', () => {
    expect(Object.keys(services).sort()).toEqual(['bot', 'postgres', 'redis', 'sandbox', 'worker']);
    const byDefault = Object.entries(services).filter(([, { profiles }]) => profiles.length === 0);
    expect(byDefault.map(([name]) => name).sort()).toEqual(['bot', 'postgres', 'redis', 'worker']);
  });

  test('Redis evicts nothing and keeps a log', () => {
    const command = services['redis']?.command?.join(' ');
    expect(command).toBe('redis-server --maxmemory-policy noeviction --appendonly yes');
  });

  test('the worker does not have the role that can change the history', () => {
    expect(services['bot']?.environment).toHaveProperty('STORE_OWNER_URL');
    expect(services['worker']?.environment).not.toHaveProperty('STORE_OWNER_URL');
    expect(services['worker']?.environment['STORE_URL']).toMatch(/^postgres:\/\/backout_app:/);
  });

  test('what is reachable is reachable from this machine only, and the store not at all', () => {
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(services['postgres']?.ports).toEqual([]);
    expect(services['redis']?.ports).toEqual([]);
  });

  test('no password stands in it', async () => {
    const words = [...(await read('docker-compose.yml')).matchAll(/PASSWORD: (?<value>.*)/g)];
    expect(words).toHaveLength(3);
    for (const { groups } of words) expect(groups?.['value']).toMatch(/^\$\{\w+:-\}$/);
  });

  test('the images that it builds are stages of the Dockerfile', () => {
    for (const { build } of Object.values(services)) {
      if (build === undefined) continue;
      expect(build.dockerfile).toBe('deploy/Dockerfile');
      expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
    }
  });

  test('the files that it mounts are there', async () => {
    for (const volume of services['postgres']?.volumes ?? []) {
      if (typeof volume !== 'string' || !volume.startsWith('./')) continue;
      const [source = ''] = volume.split(':');
      expect((await stat(path.join(root, source))).mode & 0o111).not.toBe(0);
    }
  });
});

describe('the image', async () => {
  const dockerfile = await read('deploy/Dockerfile');

  test('it does not run as root', () => {
    const stages = dockerfile.split(/^FROM /m).filter((stage) => stage.includes('ENTRYPOINT'));
    expect(stages).toHaveLength(2);
    for (const stage of stages) expect(stage.match(/^USER .*$/gm)?.at(-1)).toBe('USER 1000:1000');
  });

  test('what it copies is in the repository', async () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--)(?<words>.*) \S+$/gm)]
      .flatMap(({ groups }) => (groups?.['words'] ?? '').split(' '))
      .filter((source) => source !== '.');
    const entries = await readdir(root);
    expect(sources.filter((source) => !entries.includes(source))).toEqual([]);
  });

  test('its golang-migrate is the version that everything is tested with', () => {
    expect(dockerfile).toContain('github.com/golang-migrate/migrate/v4/cmd/migrate@v4.20.1');
    expect(dockerfile).toContain('-tags postgres');
  });
});

describe('the Kubernetes manifests', async () => {
  const folder = 'deploy/kubernetes';
  const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
  const Deployment = z.object({
    kind: z.literal('Deployment'),
    spec: z.object({
      template: z.object({
        spec: z.object({
          serviceAccountName: z.string(),
          automountServiceAccountToken: z.boolean(),
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.looseObject({ runAsNonRoot: z.boolean(), runAsUser: z.number() }),
          containers: z.tuple([
            z.object({
              args: z.array(z.string()),
              envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })),
              startupProbe: Probe,
              livenessProbe: Probe,
              readinessProbe: Probe,
              resources: z.object({ requests: z.object({}), limits: z.object({}) }),
              securityContext: z.object({
                allowPrivilegeEscalation: z.boolean(),
                readOnlyRootFilesystem: z.boolean(),
                capabilities: z.object({ drop: z.array(z.string()) }),
              }),
              volumeMounts: z.array(z.object({ name: z.string() })),
            }),
          ]),
          volumes: z.array(z.object({ name: z.string() })),
        }),
      }),
    }),
  });
  const { resources } = z
    .object({ resources: z.array(z.string()) })
    .parse(parse(await read(`${folder}/kustomization.yaml`)));
  const texts = await Promise.all(resources.map((file) => read(`${folder}/${file}`)));
  const documents = texts
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => z.looseObject({ kind: z.string() }).parse(document.toJS()));
  const pods = documents
    .filter(({ kind }) => kind === 'Deployment')
    .map((document) => Deployment.parse(document).spec.template.spec);

  test('every file of the folder is applied', async () => {
    const files = await readdir(path.join(root, folder));
    expect(files.sort()).toEqual([...resources, 'kustomization.yaml'].sort());
  });

  test('bot and worker are deployed and nothing asks for a right in the cluster', () => {
    expect(pods.map(({ containers: [{ args }] }) => args)).toEqual([['bot'], ['worker']]);
    expect(documents.filter(({ kind }) => /Role|Binding/.test(kind))).toEqual([]);
    for (const pod of pods) {
      expect(pod.serviceAccountName).toBe('backout');
      expect(pod.automountServiceAccountToken).toBe(false);
    }
  });

  test('nothing runs as root, gains rights or writes where it need not', () => {
    for (const { securityContext, containers } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      expect(containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test('each has its own secret', () => {
    const secrets = pods.map(({ containers: [{ envFrom }] }) => envFrom[0]?.secretRef.name);
    expect(secrets).toEqual(['backout-bot', 'backout-worker']);
  });

  test('the probes ask for what Backout answers', () => {
    for (const { containers } of pods) {
      const { startupProbe, livenessProbe, readinessProbe } = containers[0];
      expect(startupProbe.httpGet.path).toBe('/health/live');
      expect(livenessProbe.httpGet.path).toBe('/health/live');
      expect(readinessProbe.httpGet.path).toBe('/health/ready');
    }
  });

  test('a worker gets the time that a running down migration may take', () => {
    expect(pods[1]?.terminationGracePeriodSeconds).toBeGreaterThan(600);
  });

  test('whatever is mounted is a volume of the pod', () => {
    for (const { containers, volumes } of pods) {
      const mounted = containers[0].volumeMounts.map(({ name }) => name);
      expect(mounted.sort()).toEqual(volumes.map(({ name }) => name).sort());
    }
  });
});
