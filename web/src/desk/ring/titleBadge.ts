const badge = /^\(\d+\) /;

/** Puts `(n) ` before the window's title, also before the titles of pages that are opened meanwhile. Returns how to end it. */
export function badgeTitle(n: number, doc: Document = document): () => void {
  const put = () => {
    const wanted = `(${n}) ${doc.title.replace(badge, "")}`;
    if (doc.title !== wanted) doc.title = wanted;
  };
  const observer = new MutationObserver(put);
  observer.observe(doc.head, { subtree: true, childList: true, characterData: true });
  put();
  return () => {
    observer.disconnect();
    doc.title = doc.title.replace(badge, "");
  };
}
