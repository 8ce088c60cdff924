import { useCallback, useState } from "react";

import { ReviewDocument, type ReviewCaseFragment } from "../graph/generated";
import { usePolled } from "../graph/hooks";
import type { Refusal } from "../graph/refusals";

/** A case as it is now. */
export interface Shown {
  /** `undefined` until it is there, `null` if there is none of this id. */
  readonly review: ReviewCaseFragment | null | undefined;
  readonly refusal: Refusal | undefined;
  /** Takes up what a command of one's own left, which lists may not show for a moment. */
  readonly wrote: (review: ReviewCaseFragment) => void;
}

export function useCase(id: string): Shown {
  const { data, refusal } = usePolled(ReviewDocument, { id });
  const [written, setWritten] = useState<ReviewCaseFragment>();
  const wrote = useCallback((review: ReviewCaseFragment) => setWritten(review), []);
  const read = data?.backOffice.review;
  return { review: newer(read, written), refusal, wrote };
}

/** Versions only grow: an answer that was under way when one wrote is the older one. */
function newer(
  read: ReviewCaseFragment | null | undefined,
  written: ReviewCaseFragment | undefined,
): ReviewCaseFragment | null | undefined {
  if (!written) return read;
  return read && read.version >= written.version ? read : written;
}
