import type { ReactNode } from "react";
import { useTitle } from "../../app/Page";
import styles from "./Request.module.css";

/** The page of one request. Its heading is for screen readers: what is seen first is who it is about. */
export function RequestFrame({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">{title}</h1>
      {children}
    </div>
  );
}
