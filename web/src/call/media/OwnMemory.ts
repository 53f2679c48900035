import type { Facing, LocalState } from "./LocalMedia";

/** What a person had switched off in a call. */
export interface OwnChoice {
  microphone: boolean;
  camera: boolean;
  facing: Facing;
}

const stored = "lz-call-own";

/**
 * Keeps over a reload of the page what the person had switched off in a call: nobody is heard again because a page was
 * reloaded. It belongs to one page and one consultation, and is forgotten when the call is left.
 */
export class OwnMemory {
  #storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;

  constructor(storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> = sessionStorage) {
    this.#storage = storage;
  }

  read(consultationId: string): OwnChoice | undefined {
    try {
      const kept = JSON.parse(this.#storage.getItem(stored) ?? "{}") as OwnChoice & {
        consultationId?: string;
      };
      return kept.consultationId === consultationId ? kept : undefined;
    } catch {
      return undefined;
    }
  }

  /** A device that failed says nothing about what the person wants. */
  write(consultationId: string, { microphone, camera }: Pick<LocalState, "microphone" | "camera">): void {
    const choice: OwnChoice = {
      microphone: microphone.state !== "muted",
      camera: camera.state !== "off",
      facing: camera.facing,
    };
    this.#storage.setItem(stored, JSON.stringify({ consultationId, ...choice }));
  }

  forget(): void {
    this.#storage.removeItem(stored);
  }
}
