export { useAttachment } from "./attachments";
export { type CatalogueLabels, useCatalogue } from "./catalogue";
export { ApiError, fieldErrors, hasCode, NetworkError } from "./errors";
export { useErrorText } from "./errorText";
export { call, type Data, type Input, readKey, useCommand, useRead } from "./hooks";
export { useOlder } from "./useOlder";
export type * from "./types";
