import { SafetyCertificateOutlined } from "@ant-design/icons";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { hasCode, type Schemas, useCommand, useRead } from "../api";
import { Refused } from "../dialog";
import { Tone } from "../theme";
import styles from "./Life.module.css";
import { useProof } from "./useProof";

type Purpose = Schemas["FactorCheckRequest"]["purpose"];

/**
 * The second factor before an act: how to confirm, when the person has one, and `before`, which confirms and then acts. Somebody
 * without a second factor sees nothing and acts at once. What was confirmed is not asked for again when the act itself is refused,
 * for a wrong password say: a generator shows each code once, and the next one half a minute later.
 */
export function useFactor(
  consultationId: string,
  purpose: Purpose,
): {
  field: ReactNode;
  before: <T>(act: () => Promise<T>) => Promise<T>;
  busy: boolean;
  /** a code or a key is there, or none is needed */
  ready: boolean;
} {
  const { t } = useTranslation("life");
  const factor = useRead("/api/v1/me/second-factor");
  const proof = useProof(factor.data);
  const [passed, setPassed] = useState<Schemas["FactorMethod"]>();
  const check = useCommand("post", "/api/v1/consultations/{id}/second-factor-check");
  const enrolled = factor.data?.enrolled ?? false;
  return {
    field: enrolled && (
      <>
        {passed ? (
          <div className={styles.field}>
            <Tone kind="good" icon={<SafetyCertificateOutlined aria-hidden />}>
              {t("factor.passed")}
            </Tone>
            {passed === "RECOVERY" && <RecoveryLeft n={factor.data?.recoveryLeft ?? 0} />}
          </div>
        ) : (
          proof.field
        )}
        <Refused error={check.error} />
      </>
    ),
    before: async (act) => {
      if (enrolled && !passed) {
        const given = await proof.prove();
        await check.mutateAsync({ path: { id: consultationId }, body: { purpose, ...given } });
        setPassed(given.method);
        proof.clear();
        if (given.method === "RECOVERY") void factor.refetch();
      }
      try {
        const done = await act();
        setPassed(undefined);
        return done;
      } catch (error) {
        // It was waited too long: the server has forgotten the check.
        if (hasCode(error, "second_factor_required")) setPassed(undefined);
        throw error;
      }
    },
    busy: check.isPending || proof.busy,
    ready: !enrolled || passed !== undefined || proof.ready,
  };
}

/** How many recovery codes are left, a caution while there is still time to make new ones. */
export function RecoveryLeft({ n }: { n: number }) {
  const { t } = useTranslation("life");
  if (n === 0) return <Tone kind="danger">{t("security.leftNone")}</Tone>;
  return <Tone kind={n <= 3 ? "caution" : "muted"}>{t("security.left", { n })}</Tone>;
}
