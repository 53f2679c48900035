import { type ReactNode, useId } from "react";
import styles from "./Panel.module.css";

/** A part of a page with its heading; `aside` stands at the right of it. */
export function Panel({
  title,
  aside,
  children,
  quiet,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  /** without the card around it */
  quiet?: boolean;
}) {
  const id = useId();
  return (
    <section className={quiet ? styles.quiet : styles.panel} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** The bar at the lower edge: what to do next, always in reach. */
export function ActionBar({ children }: { children: ReactNode }) {
  return <div className={styles.bar}>{children}</div>;
}
