import { useServices } from "../app/services";
import { readKey, type Schemas } from "../api";

export type CareFile = Schemas["CareFile"];
export type Medication = Schemas["Medication"];

/** Puts the care file that came with an answer into the cache, and lets what shows it through a consultation read it again. */
export function useKeepCareFile(residentId: string) {
  const { query } = useServices();
  return (file: CareFile) => {
    query.setQueryData(readKey("/api/v1/residents/{id}/care-file", { path: { id: residentId } }), file);
    void query.invalidateQueries({ queryKey: ["/api/v1/consultations/{id}/care-file"] });
  };
}
