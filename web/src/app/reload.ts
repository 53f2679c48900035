const stored = "lz-chunk-reload";

/** Reloads because a part of the program is no longer on the server; at most once a minute, so that it cannot loop. */
export function reloadForUpdate(): void {
  const last = Number(sessionStorage.getItem(stored) ?? 0);
  if (Date.now() - last < 60_000) return;
  sessionStorage.setItem(stored, String(Date.now()));
  location.reload();
}
