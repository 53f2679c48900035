import { useAttachment } from "../../api";
import styles from "./Resident.module.css";

/** The resident's picture, or a tile with the beginning of the name. */
export function Portrait({ id, name, large }: { id: string | undefined; name: string; large?: boolean }) {
  const { url } = useAttachment(id);
  return (
    <span className={styles.portrait} data-large={large} aria-hidden>
      {url ? <img src={url} alt="" /> : beginning(name)}
    </span>
  );
}

/** One Chinese character, or the first letters of two words. */
export function beginning(name: string): string {
  const words = name.trim().split(/[\s·•]+/);
  const first = [...(words[0] ?? "")][0] ?? "";
  if (!/[A-Za-z]/.test(first)) return first;
  const second = [...(words[1] ?? "")][0] ?? "";
  return (first + second).toUpperCase();
}
