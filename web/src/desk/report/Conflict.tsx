import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Draft } from "./useDraft";
import { Notice } from "../../theme";

/** The same field was written on two pages: both texts are kept until the doctor decides. */
export function Conflict({ draft }: { draft: Draft }) {
  const { t } = useTranslation("desk");
  if (draft.status.phase !== "conflict") return null;
  return (
    <div role="alert">
      <Notice
        kind="caution"
        action={
          <>
            <Button size="small" onClick={() => void draft.resolve("mine")}>
              {t("work.keepMine")}
            </Button>
            <Button size="small" onClick={() => void draft.resolve("theirs")}>
              {t("work.takeTheirs")}
            </Button>
          </>
        }
      >
        {t("work.conflict")}
      </Notice>
    </div>
  );
}
