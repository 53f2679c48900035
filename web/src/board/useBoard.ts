import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { readKey, useRead } from "../api";
import { useSignalEvent } from "../signaling";
import type { Board } from "./board";

/** The board, read again whenever an event says that something on it may have changed. */
export function useBoard(): UseQueryResult<Board, Error> {
  const client = useQueryClient();
  const stale = () => void client.invalidateQueries({ queryKey: readKey("/api/v1/board") });
  useSignalEvent("board.changed", stale);
  useSignalEvent("dispatcher.alert", stale);
  useSignalEvent("queue.changed", stale);
  useSignalEvent("duty.changed", stale);
  // How long each doctor is free is told by no event.
  return useRead("/api/v1/board", {}, { refetchInterval: 20_000 });
}
