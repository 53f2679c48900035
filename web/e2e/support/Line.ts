import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { BrowserContext } from "@playwright/test";

const here = "127.0.0.1";

/** One TCP connection through the line. */
interface Pipe {
  near: Socket;
  far: Socket | undefined;
  /** it carries the signaling socket */
  signaling: boolean;
}

/**
 * One person's way to the servers, media included, which a test can cut. A cut line passes nothing and closes nothing, like a
 * tablet out of range: neither the browser nor the server hears of it. Before several servers it is also a load balancer: a
 * new connection goes to the first that is ready.
 */
export class Line {
  #server: Server;
  #pipes = new Set<Pipe>();
  #media: MediaPath[] = [];
  #dark = false;
  #socketHeld = false;

  private constructor(
    server: Server,
    private readonly upstreams: readonly string[],
  ) {
    this.#server = server;
    server.on("connection", (near) => void this.#carry(near));
  }

  /** @param upstreams addresses of servers, the favourite first */
  static async make(...upstreams: string[]): Promise<Line> {
    const server = createServer().listen(0, here);
    await once(server, "listening");
    return new Line(server, upstreams);
  }

  /** Where the person's browser finds the server. */
  get base(): string {
    return `http://${here}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets the media of a browser's pages pass through this line, too. To be called before its first page. */
  prepare = async (context: BrowserContext): Promise<void> => {
    await context.exposeFunction("lineTo", (port: number) => this.#mediaPort(port));
    await context.addInitScript(routeMedia);
  };

  /** Nothing passes any more, in either direction. */
  cut(): void {
    this.#dark = true;
    this.#apply();
  }

  /** What was under way arrives, as it does when TCP repeats it. */
  restore(): void {
    this.#dark = false;
    this.#apply();
  }

  /** Cuts the signaling socket alone, and lets no other be opened until `letSocket`. */
  cutSocket(): void {
    this.#socketHeld = true;
    for (const pipe of this.#pipes) if (pipe.signaling) this.#end(pipe);
  }

  letSocket(): void {
    this.#socketHeld = false;
  }

  /** Another network: all connections break, and media comes from another address. */
  change(): void {
    for (const pipe of this.#pipes) this.#end(pipe);
    for (const path of this.#media) path.move();
  }

  close(): void {
    for (const pipe of this.#pipes) this.#end(pipe);
    for (const path of this.#media) path.close();
    this.#server.close();
  }

  async #carry(near: Socket): Promise<void> {
    const pipe: Pipe = { near, far: undefined, signaling: false };
    this.#pipes.add(pipe);
    near.on("error", () => this.#end(pipe));
    near.on("close", () => this.#end(pipe));
    near.pause();
    const far = await this.#reach();
    if (!far || near.destroyed) {
      far?.destroy();
      this.#end(pipe);
      return;
    }
    pipe.far = far;
    far.on("error", () => this.#end(pipe));
    far.on("close", () => this.#end(pipe));
    near.on("data", (bytes: Buffer) => {
      if (bytes.subarray(0, 8).toString("latin1") === "GET /ws ") pipe.signaling = true;
      if (pipe.signaling && this.#socketHeld) this.#end(pipe);
      else far.write(bytes);
    });
    far.on("data", (bytes: Buffer) => near.write(bytes));
    this.#apply();
  }

  async #reach(): Promise<Socket | undefined> {
    for (const upstream of this.upstreams) {
      if (this.upstreams.length > 1 && !(await ready(upstream))) continue;
      const socket = connect(Number(new URL(upstream).port), here);
      try {
        await once(socket, "connect");
        return socket;
      } catch {
        socket.destroy();
      }
    }
    return undefined;
  }

  #apply(): void {
    for (const { near, far } of this.#pipes) {
      for (const end of far ? [near, far] : []) {
        if (this.#dark) end.pause();
        else end.resume();
      }
    }
  }

  #end(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    pipe.near.destroy();
    pipe.far?.destroy();
  }

  async #mediaPort(port: number): Promise<number> {
    let path = this.#media.find((p) => p.to === port);
    if (!path) {
      path = new MediaPath(port, () => !this.#dark);
      this.#media.push(path);
    }
    return path.port();
  }
}

/** What a load balancer asks before it sends anybody to a node: one that is stopping says no. */
function ready(upstream: string): Promise<boolean> {
  return fetch(`${upstream}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

/** The way of the packets to one relay. The relay sees each sender at an address of its own, which `move` changes. */
class MediaPath {
  #near = createSocket("udp4");
  #bound: Promise<number>;
  #far = new Map<string, UdpSocket>();

  constructor(
    readonly to: number,
    private readonly open: () => boolean,
  ) {
    this.#near.on("message", (packet, from) => {
      if (this.open()) this.#outward(from).send(packet, this.to, here);
    });
    this.#bound = new Promise((resolve) => {
      this.#near.bind(0, here, () => resolve(this.#near.address().port));
    });
  }

  port(): Promise<number> {
    return this.#bound;
  }

  move(): void {
    for (const socket of this.#far.values()) socket.close();
    this.#far.clear();
  }

  close(): void {
    this.move();
    this.#near.close();
  }

  #outward(from: RemoteInfo): UdpSocket {
    const key = `${from.address} ${from.port}`;
    const known = this.#far.get(key);
    if (known) return known;
    const socket = createSocket("udp4");
    socket.on("message", (packet) => {
      if (this.open()) this.#near.send(packet, from.port, from.address);
    });
    // A relay that was killed is refused by the kernel; the packet is lost, as on any line.
    socket.on("error", () => undefined);
    this.#far.set(key, socket);
    return socket;
  }
}

/** Runs in the page before anything else: the relay's addresses in an answer become those of the line. */
function routeMedia(): void {
  const page = window as unknown as { lineTo: (port: number) => Promise<number> };
  const original: (description: RTCSessionDescriptionInit) => Promise<void> =
    RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = async function (
    this: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ) {
    let sdp = description.sdp ?? "";
    const ports = new Set(
      [...sdp.matchAll(/ 127\.0\.0\.1 (\d+) typ host/g)].map((found) => Number(found[1])),
    );
    for (const port of ports) {
      const mapped = await page.lineTo(port);
      sdp = sdp.replaceAll(` 127.0.0.1 ${port} typ host`, ` 127.0.0.1 ${mapped} typ host`);
    }
    await original.call(this, { type: description.type, sdp });
  };
}
