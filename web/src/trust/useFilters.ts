import { useSearchParams } from "react-router";

/** The filters of a log, which stand in the address: what they are, how one sets some of them, and how one clears all. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const set = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setSearch(next, { replace: true });
  };
  return { search, set, clear: () => setSearch({}, { replace: true }) };
}
