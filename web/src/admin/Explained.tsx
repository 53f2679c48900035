import { Tooltip } from "antd";
import styles from "./Admin.module.css";

/** A name that explains itself when it is pointed at, focused or tapped. */
export function Explained({ name, text }: { name: string; text: string }) {
  return (
    <Tooltip title={text} trigger={["hover", "focus", "click"]}>
      <button type="button" className={styles.explained}>
        {name}
      </button>
    </Tooltip>
  );
}
