import { useEffect, useState, useSyncExternalStore } from "react";
import { LocalMedia } from "./media/LocalMedia";

/** The tablet's rear camera, while wanted. */
export function useOwnCamera(wanted: boolean) {
  const [media] = useState(() => new LocalMedia());
  const state = useSyncExternalStore(media.subscribe, media.snapshot);
  useEffect(() => {
    if (!wanted) return undefined;
    void media.startCamera("environment");
    return () => media.stop();
  }, [media, wanted]);
  return { picture: state.picture, failure: wanted ? state.camera.failure : undefined };
}
