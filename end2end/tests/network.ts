/** A network that can be cut: between a browser and the server, for whatever the browser does, its service workers too. */
import { createServer, connect, type Socket } from 'node:net';
import { port } from './shop';

export interface Network {
  base: string;
  /** Nothing comes through, and what was on its way breaks off. */
  cut(): void;
  join(): void;
  /** So many answers to what is said at the dock come through; of what is said then the browser does not hear, though the server has done it. */
  deaf(after: number): void;
  /** How many answers it did not hear. */
  unheard(): number;
  end(): void;
}

export async function network(): Promise<Network> {
  let [open, heard, unheard] = [true, Infinity, 0];
  const sockets = new Set<Socket>();
  const drop = () => sockets.forEach((socket) => socket.destroy());
  const server = createServer((near) => {
    if (!open) return near.destroy();
    const far = connect(port, '127.0.0.1');
    let said = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => {
      said ||= bytes.includes('POST /staff/dock/');
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (said && heard <= 0) {
        unheard += 1;
        return;
      }
      if (said) heard -= 1;
      said = false;
      near.write(bytes);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address() as { port: number };
  return {
    base: `http://127.0.0.1:${address.port}`,
    cut: () => {
      open = false;
      drop();
    },
    join: () => {
      open = true;
    },
    deaf: (after) => {
      heard = after;
    },
    unheard: () => unheard,
    end: () => {
      drop();
      server.close();
    },
  };
}
