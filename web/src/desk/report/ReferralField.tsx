import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Segmented, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../../api";
import { fieldId } from "./fields";
import { leadsElsewhere } from "./preset";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

/** Where the resident should go and how soon: there when the outcome leads elsewhere, else behind a button. */
export function ReferralField({ draft }: { draft: Draft }) {
  const { t } = useTranslation("desk");
  const { choices } = useCatalogue();
  const { outcome, referral } = draft.content;
  const needed = leadsElsewhere(outcome);
  if (!referral && !needed)
    return (
      <div>
        <Button
          icon={<PlusOutlined aria-hidden />}
          onClick={() => draft.change({ referral: { within: "THREE_DAYS" } }, false)}
        >
          {t("report.referralAdd")}
        </Button>
      </div>
    );
  const put = (patch: NonNullable<typeof referral>, typed = false) =>
    draft.change({ referral: { ...referral, ...patch } }, typed);
  return (
    <div className={styles.field} role="group" aria-label={t("report.referral")}>
      <span className={styles.label}>{t("report.referral")}</span>
      <div className={styles.row}>
        <Select
          id={fieldId("referral/destination")}
          aria-label={t("report.referralTo")}
          className={styles.destination}
          value={referral?.destination || null}
          placeholder={t("report.referralTo")}
          options={choices("destination")}
          onChange={(destination: string) => put({ destination })}
        />
        <Segmented
          id={fieldId("referral/within")}
          aria-label={t("report.referralWithin")}
          value={referral?.within ?? ""}
          options={choices("go_within")}
          onChange={(within) => put({ within })}
        />
        {!needed && (
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={t("report.referralRemove")}
            onClick={() => draft.change({ referral: undefined }, false)}
          />
        )}
      </div>
      <Input.TextArea
        aria-label={t("report.referralNote")}
        placeholder={t("report.referralNote")}
        value={referral?.note ?? ""}
        maxLength={500}
        autoSize={{ minRows: 1, maxRows: 4 }}
        onChange={(event) => put({ note: event.target.value }, true)}
      />
    </div>
  );
}
