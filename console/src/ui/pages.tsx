import { Button, Group } from "@mantine/core";
import { useMemo, useState } from "react";

import { useKeys } from "../keys/keys";

/** Which page of a list is shown, and how one came there. */
export interface Pages {
  readonly after: string | null;
  readonly isFirst: boolean;
  readonly toNext: (cursor: string) => void;
  readonly toPrevious: () => void;
  readonly toFirst: () => void;
}

export function usePages(): Pages {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  return useMemo(
    () => ({
      after: cursors.at(-1) ?? null,
      isFirst: cursors.length === 0,
      toNext: (cursor) => setCursors([...cursors, cursor]),
      toPrevious: () => setCursors(cursors.slice(0, -1)),
      toFirst: () => setCursors([]),
    }),
    [cursors],
  );
}

export function Paging({
  pages,
  info,
}: {
  readonly pages: Pages;
  readonly info: { readonly hasNextPage: boolean; readonly endCursor: string | null } | undefined;
}) {
  const next = info?.hasNextPage === true ? info.endCursor : null;
  useKeys([
    ...(next === null ? [] : [{ keys: "]", does: "older ones", run: () => pages.toNext(next) }]),
    ...(pages.isFirst ? [] : [{ keys: "[", does: "newer ones", run: pages.toPrevious }]),
  ]);
  if (next === null && pages.isFirst) return null;
  return (
    <Group gap="xs" justify="center" className="paging">
      <Button variant="default" disabled={pages.isFirst} onClick={pages.toPrevious}>
        Newer
      </Button>
      <Button variant="default" disabled={next === null} onClick={() => next !== null && pages.toNext(next)}>
        Older
      </Button>
    </Group>
  );
}
