import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useMe } from "../auth/useSession";
import { Factors } from "./Factors";

/** The account's second factor. */
function SecurityPage() {
  const { t } = useTranslation("life");
  const me = useMe();
  const { session } = useServices();
  const factor = useRead("/api/v1/me/second-factor");
  const changed = () => {
    void factor.refetch();
    if (me.factorResetAt) session.setMe({ ...me, factorResetAt: undefined });
  };
  return (
    <Page title={t("security.title")}>
      <Loaded query={factor}>{(data) => <Factors of={data} onChanged={changed} />}</Loaded>
    </Page>
  );
}
export { SecurityPage as Component };
