import { join } from "node:path";

/** Tells the service manager something, by lines such as `READY=1`; never throws. */
export interface NotifySocket {
  tell(lines: string): void;
  close(): void;
}

/** A path of a Unix socket is no longer than this with its end. */
const MAX_PATH = 107;

/**
 * The socket that systemd handed over in `$NOTIFY_SOCKET`, for a service of `Type=notify`.
 * @param folder Where our own end is made, which a datagram needs: only we may write there
 * @returns null when there is none, or none that can be reached from here
 */
export function openNotifySocket(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): NotifySocket | null {
  const path = env.NOTIFY_SOCKET;
  // An abstract socket ("@…") cannot be addressed: systemd's own is a file.
  if (path === undefined || !path.startsWith("/")) return null;
  const own = join(env.RUNTIME_DIRECTORY?.split(":")[0] ?? folder, "notify.sock");
  if (own.length > MAX_PATH) return null;
  let socket: Deno.DatagramConn;
  try {
    // Left by a process that was killed.
    Deno.removeSync(own);
  } catch {
    // The usual case: there is none.
  }
  try {
    socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
  } catch {
    return null;
  }
  const address = { transport: "unixpacket", path } as const;
  let sent: Promise<unknown> = Promise.resolve();
  return {
    tell(lines) {
      const bytes = new TextEncoder().encode(lines);
      // A manager that does not listen any more is no reason to stop the work.
      sent = sent.then(() => socket.send(bytes, address)).catch(() => {});
    },
    close() {
      sent = sent.then(() => {
        socket.close();
        Deno.removeSync(own);
      }).catch(() => {});
    },
  };
}
