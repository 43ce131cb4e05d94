import { HealthCheck } from "../../app/checks/daemon_health.ts";
import type { Settings } from "../../app/installation.ts";
import { openNotifySocket } from "../../app/connections/notify_socket.ts";
import { statusLine } from "../../app/reports/status_line.ts";
import type { World } from "../../app/world.ts";
import type { DaemonParts, RunningDaemon } from "../../daemon/parts.ts";
import type { Service } from "../../daemon/service.ts";
import { serviceManager } from "../../daemon/service_manager.ts";
import type { MakeService, ProcessListening } from "./process_listening.ts";

/** What tells of the daemon while it runs, each where it is wanted. */
export async function servicesOf(
  settings: Settings & Pick<DaemonParts, "settingsWatch">,
  listening: ProcessListening,
  world: World,
  ending: AbortSignal,
): Promise<(running: RunningDaemon) => Service<never>[]> {
  const makers = [
    await listening.serviceOf(settings),
    managerOf(settings, world, ending),
  ];
  return (running) => makers.flatMap((make) => make === null ? [] : [make(running)]);
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
