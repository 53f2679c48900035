import { useState } from "react";

interface Held<Row> {
  key: string;
  rows: Row[];
  next: string | undefined;
}

/**
 * Pages after the first, as the person asks for them. `question` is what the list was asked; another question, or another first page,
 * begins anew. `read` gets the page at a cursor.
 */
export function useOlder<Row>(
  question: unknown,
  firstNext: string | undefined,
  read: (cursor: string) => Promise<{ rows: Row[]; next?: string | undefined }>,
): { rows: Row[]; next: string | undefined; loading: boolean; load: () => void } {
  const key = JSON.stringify(question) + (firstNext ?? "");
  const [held, setHeld] = useState<Held<Row>>();
  const [loading, setLoading] = useState(false);
  const mine = held?.key === key ? held : undefined;
  const rows = mine?.rows ?? [];
  const next = mine ? mine.next : firstNext;
  const load = () => {
    if (!next || loading) return;
    setLoading(true);
    void read(next)
      .then((page) => setHeld({ key, rows: [...rows, ...page.rows], next: page.next }))
      .catch(() => undefined) // the button stays and can be pressed again
      .finally(() => setLoading(false));
  };
  return { rows, next, loading, load };
}
