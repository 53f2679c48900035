import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import styles from "./Offline.module.css";

/** A picture that is on this device only. */
export function Picture({ id }: { id: string }) {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const photo = offline.log.photo(id);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!photo) return undefined;
    const made = URL.createObjectURL(photo);
    setUrl(made);
    return () => {
      setUrl(undefined);
      URL.revokeObjectURL(made);
    };
  }, [photo]);
  return url ? <img src={url} alt={t("what.PHOTO")} className={styles.picture} /> : null;
}
