import { HealthCheck } from "../../app/checks/daemon_health.ts";
import type { Settings } from "../../app/installation.ts";
import { openNotifySocket } from "../../app/connections/notify_socket.ts";
import { ownSocketPath } from "../../app/connections/service_socket.ts";
import { statusLine } from "../../app/reports/status_line.ts";
import type { World } from "../../app/world.ts";
import type { DaemonParts, RunningDaemon } from "../../daemon/parts.ts";
import type { Service } from "../../daemon/service.ts";
import { serviceManager } from "../../daemon/service_manager.ts";
import type { Invocation } from "../frame/command.ts";
import { commandRunner } from "../service/served_command.ts";

/** What tells of the daemon while it runs, each where it is wanted. */
export async function servicesOf(
  settings: Settings & Pick<DaemonParts, "settingsWatch">,
  invocation: Invocation,
  ending: AbortSignal,
): Promise<(running: RunningDaemon) => Service<never>[]> {
  const makers = [
    await listenerOf(settings, invocation),
    managerOf(settings, invocation.world, ending),
  ];
  return (running) => makers.flatMap((make) => make === null ? [] : [make(running)]);
}

type MakeService = (running: RunningDaemon) => Service<never>;

/** The HTTP listener, on its address and on the service's socket. */
async function listenerOf(
  settings: Settings & Pick<DaemonParts, "settingsWatch">,
  { faces, world, around }: Invocation,
): Promise<MakeService | null> {
  const { config: { listen } } = settings;
  const path = ownSocketPath(world.env);
  if (listen === null && path === null) return null;
  const socket = path === null ? null : { path, runCommand: commandRunner({ around, faces }) };
  const [http, plugin] = await Promise.all([faces.http(), faces.plugin()]);
  return ({ store, targets, worker }) => {
    const installation = { ...settings, store, targets };
    const documents = plugin.documentsOf(settings, installation);
    return http.listen({ listen, socket }, installation, worker, documents);
  };
}

/** What systemd is told, where it started the daemon. */
function managerOf(settings: Settings, world: World, ending: AbortSignal): MakeService | null {
  const socket = openNotifySocket(world.env, settings.files.folder);
  if (socket === null) return null;
  return ({ store, targets, worker }) => {
    const health = new HealthCheck(() => worker.turnedAt, store.meta, settings.runtime);
    return serviceManager({
      ...socket,
      status: () => statusLine({ ...settings, store, targets }),
      isLive: () => health.live().ok,
      ending,
      runtime: settings.runtime,
      watchdogUsec: world.env.WATCHDOG_USEC,
    });
  };
}
