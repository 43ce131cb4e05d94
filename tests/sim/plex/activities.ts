/** Running work as PMS reports it: GET /activities and activity notifications. */
import type { NotificationHub } from "./notifications.ts";
import type { Row } from "./wire.ts";

export interface SimActivity {
  uuid: string;
  type: string;
  cancellable: boolean;
  userID: number;
  title: string;
  subtitle: string;
  /** Percent, or -1 when unknown. */
  progress: number;
  Context?: Record<string, string | boolean> | undefined;
}

export class Activities {
  /** An idle server shows this one for ever; nobody may wait for an empty list. */
  #running = new Map<string, SimActivity>([["butler", {
    uuid: "butler",
    type: "butler",
    cancellable: false,
    userID: 1,
    title: "Butler tasks",
    subtitle: "",
    progress: 100,
  }]]);

  constructor(private readonly hub: NotificationHub) {}

  list(): SimActivity[] {
    return [...this.#running.values()];
  }

  get(uuid: string): SimActivity | undefined {
    return this.#running.get(uuid);
  }

  start(
    type: string,
    title: string,
    subtitle: string,
    context?: SimActivity["Context"],
  ): SimActivity {
    const activity: SimActivity = {
      uuid: crypto.randomUUID(),
      type,
      cancellable: type === "library.update.section",
      userID: 1,
      title,
      subtitle,
      progress: -1,
      Context: context,
    };
    this.#running.set(activity.uuid, activity);
    this.#tell("started", activity);
    return activity;
  }

  update(activity: SimActivity, changes: Partial<SimActivity>): void {
    Object.assign(activity, changes);
    this.#tell("updated", activity);
  }

  end(activity: SimActivity): void {
    this.#running.delete(activity.uuid);
    this.#tell("ended", { ...activity, progress: 100 });
  }

  #tell(event: string, activity: SimActivity): void {
    const row: Row = { ...activity };
    this.hub.send("activity", "ActivityNotification", [
      { event, uuid: activity.uuid, Activity: row },
    ]);
  }
}
