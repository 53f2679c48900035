import type { Page } from "@playwright/test";

export interface SocketTalk {
  /** what the server sent, in order */
  frames: Record<string, unknown>[];
  /** how it ended; undefined when it was still open */
  closed: { code: number; reason: string } | undefined;
}

/**
 * Opens a bare signaling socket in the page's origin, sends the first text at once and each further one after one more frame of
 * the server has come. Returns when the server closes the socket or has sent `frames` frames, then closes it.
 */
export function talk(page: Page, texts: string[], frames = 1_000_000): Promise<SocketTalk> {
  return page.evaluate(
    ([toSend, enough]) =>
      new Promise<SocketTalk>((resolve) => {
        const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`, "lianzhen.v1");
        const heard: Record<string, unknown>[] = [];
        const waiting = [...toSend];
        const next = () => {
          const text = waiting.shift();
          if (text !== undefined) socket.send(text);
        };
        socket.addEventListener("open", next);
        socket.addEventListener("message", ({ data }) => {
          heard.push(JSON.parse(String(data)) as Record<string, unknown>);
          next();
          if (heard.length >= enough) {
            resolve({ frames: heard, closed: undefined });
            socket.close();
          }
        });
        socket.addEventListener("close", ({ code, reason }) =>
          resolve({ frames: heard, closed: { code, reason } }),
        );
      }),
    [texts, frames] as const,
  );
}

export function hello(token: string, locale = "zh-CN"): string {
  return JSON.stringify({ type: "hello", token, locale });
}
