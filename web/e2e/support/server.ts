import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { program } from "./settings";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const found = server.address();
  server.close();
  await once(server, "close");
  if (found === null || typeof found === "string") throw new Error("no port");
  return found.port;
}

/** A server with a data folder of its own, which a test may kill and start again at the same address. */
export class Server {
  #process: ChildProcess | undefined;
  #log: string[] = [];

  private constructor(
    readonly base: string,
    /** UDP port of its sound and pictures */
    readonly mediaPort: number,
    private readonly command: readonly string[],
    private readonly folder: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** @param shared a server whose databases and keys the new one uses; that one has to live on */
  static async make(shared?: Server): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "lianzhen-e2e-"));
    const [port, media] = [await freePort(), await freePort()];
    const listen = `127.0.0.1:${port}`;
    const server = new Server(
      `http://${listen}`,
      media,
      ["serve", "-demo", "-listen", listen, "-media-udp", `127.0.0.1:${media}`, "-data-dir", folder],
      folder,
      shared?.sharing ?? {},
    );
    await server.start();
    return server;
  }

  /** What another node needs to be one of the same installation. */
  get sharing(): Record<string, string> {
    const folder = encodeURIComponent(join(this.folder, "postgres", "s"));
    return {
      DATABASE_URL: `postgres://lianzhen@/lianzhen?host=${folder}`,
      REDIS_URL: `unix://${join(this.folder, "redis", "s", "redis.sock")}`,
      LIANZHEN_ENCRYPTION_KEY_FILE: join(this.folder, "keys"),
    };
  }

  /** Takes everything out of its Redis, as a failover to an empty one does. */
  async flushRedis(): Promise<void> {
    const socket = connect(join(this.folder, "redis", "s", "redis.sock"));
    socket.write("FLUSHALL\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    if (answer.toString() !== "+OK\r\n") throw new Error(`Redis said ${answer.toString()}`);
  }

  /** Starts it, and returns when it answers. */
  async start(): Promise<void> {
    const { DATABASE_URL: _, REDIS_URL: __, ...env } = process.env;
    const child = spawn(program, this.command, {
      env: { ...env, ...this.settings },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    child.stderr.on("data", (text: Buffer) => {
      this.#log = [...this.#log, text.toString()].slice(-40);
    });
    await expect
      .poll(
        async () => {
          if (child.exitCode !== null) throw new Error(`the server ended: ${this.#log.join("")}`);
          return fetch(`${this.base}/readyz`).then(
            (response) => response.status,
            () => 0,
          );
        },
        { message: "the server gets ready", timeout: 90_000, intervals: [200] },
      )
      .toBe(200);
  }

  /** kill -9. */
  kill = (): Promise<void> => this.#end("SIGKILL");

  /** Asks it to stop: it hands its calls to others first. */
  drain = (): Promise<void> => this.#end("SIGTERM");

  /** Stops it in order and takes its data away. */
  async remove(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
