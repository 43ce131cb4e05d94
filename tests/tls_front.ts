/** A port with TLS before one without, as a reverse proxy has it: what is said passes unchanged. */
import type { Certificate } from "./certificates.ts";

export interface TlsFront extends AsyncDisposable {
  /** `https://localhost:PORT` */
  url: string;
}

/** @param port On 127.0.0.1 that is spoken to behind it */
export function tlsFront({ cert, key }: Certificate, port: number, own = 0): TlsFront {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: own, cert, key });
  const open = new Set<Deno.Conn>();
  const ended: Promise<void>[] = [];
  const accepting = (async () => {
    for (;;) {
      const outer = await listener.accept().catch((error) => {
        // A client that does not trust the certificate breaks off.
        if (error instanceof Deno.errors.BadResource) return null;
        return undefined;
      });
      if (outer === null) return;
      if (outer !== undefined) ended.push(serve(outer));
    }
  })();

  async function serve(outer: Deno.TlsConn): Promise<void> {
    open.add(outer);
    try {
      await outer.handshake();
      const inner = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(inner);
      const over = () => {
        close(outer);
        close(inner);
      };
      await Promise.all([
        outer.readable.pipeTo(inner.writable).catch(() => {}).finally(over),
        inner.readable.pipeTo(outer.writable).catch(() => {}).finally(over),
      ]);
    } catch {
      close(outer);
    }
  }

  function close(connection: Deno.Conn): void {
    open.delete(connection);
    try {
      connection.close();
    } catch {
      // Its streams closed it.
    }
  }

  return {
    url: `https://localhost:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const connection of open) close(connection);
      await Promise.all(ended);
    },
  };
}
