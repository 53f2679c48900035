import { ApiError, type FieldProblem, hasCode, type Schemas } from "../../api";
import { merge, type ReportContent, sameContent, tidy } from "./merge";

type ReportDraft = Schemas["ReportDraft"];

export type DraftPhase =
  | { phase: "new" } // nothing was saved yet
  | { phase: "typing" }
  | { phase: "saving" }
  | { phase: "saved"; at: string }
  | { phase: "retrying" } // nobody answered; it is tried again
  | { phase: "failed"; error: Error } // refused; the next change or a press tries again
  | { phase: "conflict"; theirs: ReportContent } // another page changed the same field
  | { phase: "lost"; error: ApiError }; // the consultation is no longer ours

export interface DraftState {
  content: ReportContent;
  /** of the last save; 0 before the first */
  revision: number;
  status: DraftPhase;
  /** what the server misses before signing, as of the last save; undefined until it was asked */
  gaps: readonly FieldProblem[] | undefined;
}

export interface DraftDeps {
  /** @throws ApiError with `revision_stale` or `epoch_stale` among others */
  save: (revision: number, content: ReportContent) => Promise<ReportDraft>;
  /** what the server has now */
  reload: () => Promise<ReportDraft | undefined>;
  /** told of each save, for caches */
  onSaved?: (draft: ReportDraft) => void;
}

/** ms after the last key */
const afterTyping = 2000;
/** ms after a choice: a press is meant */
const afterChoice = 300;
/** ms until an unanswered save is tried again */
const afterSilence = 5000;

/**
 * The doctor's report while it is written. It saves itself and never loses a word:
 *  - one save is on its way at a time; what is typed meanwhile goes with the next;
 *  - a save that another page was faster than is merged field by field; where both wrote, ours stays and the doctor decides.
 */
export class DraftKeeper {
  #deps: DraftDeps;
  #state: DraftState;
  /** what the server had at `revision` */
  #base: ReportContent;
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: DraftDeps, draft: ReportDraft | undefined, preset: ReportContent = {}) {
    this.#deps = deps;
    this.#base = draft?.content ?? {};
    this.#state = {
      content: draft?.content ?? preset,
      revision: draft?.revision ?? 0,
      status: draft ? { phase: "saved", at: draft.updatedAt } : { phase: "new" },
      gaps: draft?.gaps,
    };
  }

  snapshot = (): DraftState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whether something here is not on the server. */
  get dirty(): boolean {
    return (
      ["typing", "saving", "retrying", "failed", "conflict"].includes(this.#state.status.phase) ||
      this.#running !== undefined
    );
  }

  /** The doctor wrote (`typed`) or chose something. */
  change(patch: Partial<ReportContent>, typed = true): void {
    const { status } = this.#state;
    if (status.phase === "lost") return;
    const content = { ...this.#state.content, ...patch };
    // A conflict stays one until the doctor has decided.
    this.#set({ content, ...(status.phase === "conflict" ? {} : { status: { phase: "typing" } }) });
    if (status.phase !== "conflict") this.#later(typed ? afterTyping : afterChoice);
  }

  /** Saves what is not saved, now. Resolves to whether the server has everything. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    await this.#running;
    const { phase } = this.#state.status;
    if (phase === "typing" || phase === "retrying" || phase === "failed" || phase === "new")
      await this.#save();
    return this.#state.status.phase === "saved";
  }

  /** Ends a conflict. */
  async resolve(choice: "mine" | "theirs"): Promise<void> {
    const { status } = this.#state;
    if (status.phase !== "conflict") return;
    if (choice === "theirs") {
      const { content } = merge(this.#base, status.theirs, this.#state.content);
      this.#set({ content: { ...content, ...status.theirs } });
    }
    this.#base = status.theirs;
    await this.#save();
  }

  /** The server's draft, read anew: taken over when nothing here is unsaved. */
  saw(draft: ReportDraft | undefined): void {
    if (!draft || draft.revision <= this.#state.revision || this.dirty || this.#state.status.phase === "lost")
      return;
    this.#base = draft.content;
    this.#set({
      content: draft.content,
      revision: draft.revision,
      gaps: draft.gaps,
      status: { phase: "saved", at: draft.updatedAt },
    });
  }

  /** The server named gaps with a refusal. */
  missing(gaps: readonly FieldProblem[]): void {
    this.#set({ gaps });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), ms);
  }

  #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#state.status.phase === "typing") this.#later(afterTyping);
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const { content, revision } = this.#state;
      this.#set({ status: { phase: "saving" } });
      try {
        this.#adopt(await this.#deps.save(revision, tidy(content)), content);
        return;
      } catch (error) {
        if (hasCode(error, "revision_stale")) {
          if (await this.#mergeTheirs()) continue;
          return;
        }
        this.#refused(error);
        return;
      }
    }
  }

  /** The server has `draft`, which is what `sent` was. */
  #adopt(draft: ReportDraft, sent: ReportContent): void {
    this.#base = draft.content;
    this.#set({
      revision: draft.revision,
      gaps: draft.gaps,
      // More may have been written while it was on its way.
      status: this.#state.content === sent ? { phase: "saved", at: draft.updatedAt } : { phase: "typing" },
    });
    this.#deps.onSaved?.(draft);
  }

  /** Another page was faster, or the answer to our own save was lost. Returns whether to save again. */
  async #mergeTheirs(): Promise<boolean> {
    let theirs: ReportDraft | undefined;
    try {
      theirs = await this.#deps.reload();
    } catch (error) {
      this.#refused(error);
      return false;
    }
    const { content, clashes } = merge(this.#base, this.#state.content, theirs?.content ?? {});
    this.#set({ content, revision: theirs?.revision ?? 0 });
    if (theirs && sameContent(content, theirs.content)) {
      this.#adopt(theirs, content);
      return false;
    }
    if (clashes.length > 0) {
      this.#set({ status: { phase: "conflict", theirs: theirs?.content ?? {} } });
      return false;
    }
    this.#base = theirs?.content ?? {};
    return true;
  }

  #refused(error: unknown): void {
    if (hasCode(error, "epoch_stale", "no_longer_editable", "not_found", "forbidden")) {
      this.#set({ status: { phase: "lost", error } });
    } else if (error instanceof ApiError) {
      this.#set({ status: { phase: "failed", error } });
    } else {
      this.#set({ status: { phase: "retrying" } });
      this.#later(afterSilence);
    }
  }

  #set(change: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
