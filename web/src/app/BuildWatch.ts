const stored = "lz-reloaded-for";

export interface BuildWatchDeps {
  reload: () => void;
  storage: Pick<Storage, "getItem" | "setItem">;
  /** whether the person is in the middle of writing */
  typing: () => boolean;
  /** the build that the page says it is; absent: the first that the server names is taken for it */
  own?: string | undefined;
}

/** The build that the page is of. It may be older than the server's from the start: a page that was opened without network. */
export function ownBuild(doc: Document = document): string | undefined {
  return doc.querySelector<HTMLMetaElement>('meta[name="lianzhen-build"]')?.content || undefined;
}

/** Whether a field with content has the focus. */
export function isTyping(doc: Document = document): boolean {
  const field = doc.activeElement;
  return (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) && field.value !== "";
}

/**
 * Reloads the page when the server runs another build than the one that the page came from, but never during a call nor
 * while somebody writes, and at most once for each build (during a rolling upgrade nodes answer with different builds).
 */
export class BuildWatch {
  #deps: BuildWatchDeps;
  #own: string | undefined;
  #wanted: string | undefined;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: BuildWatchDeps) {
    this.#deps = deps;
    this.#own = deps.own;
  }

  /** The server named its build. */
  saw(build: string): void {
    this.#own ??= build;
    this.#wanted = build === this.#own ? undefined : build;
    this.#act();
  }

  /** A call begins or ends. */
  setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#act();
  }

  #act(): void {
    clearTimeout(this.#timer);
    const build = this.#wanted;
    if (build === undefined || this.#busy || this.#deps.storage.getItem(stored) === build) return;
    if (this.#deps.typing()) {
      this.#timer = setTimeout(() => this.#act(), 5000);
      return;
    }
    this.#deps.storage.setItem(stored, build);
    this.#deps.reload();
  }
}
