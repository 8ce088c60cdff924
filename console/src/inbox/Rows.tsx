import { useRef } from "react";
import { Link, useLocation } from "wouter";

import type { ReviewRowFragment } from "../graph/generated";
import { useFollow } from "../ui/follow";
import { Person } from "../ui/Person";
import { useBankNow } from "../ui/now";
import { Ago, Chip, Id, WordChip } from "../ui/parts";
import { slaOf } from "../ui/time";
import { OUTCOME, REASON, REVIEW_STATUS } from "../ui/words";

export function Rows(props: {
  readonly reviews: readonly ReviewRowFragment[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}) {
  return (
    <div className="table-wrap">
      <table className="table">
        <caption className="hidden">Review cases</caption>
        <thead>
          <tr>
            <th scope="col">Case</th>
            <th scope="col">Reason</th>
            <th scope="col">Risk</th>
            <th scope="col">Due</th>
            <th scope="col">Status</th>
            <th scope="col">Opinions</th>
            <th scope="col">Assigned to</th>
            <th scope="col">Customer</th>
            <th scope="col">Opened</th>
          </tr>
        </thead>
        <tbody>
          {props.reviews.map((review, index) => (
            <Row
              key={review.id}
              review={review}
              isSelected={index === props.selected}
              onSelect={() => props.onSelect(index)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  review,
  isSelected,
  onSelect,
}: {
  readonly review: ReviewRowFragment;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}) {
  const [, navigate] = useLocation();
  const now = useBankNow();
  const row = useRef<HTMLTableRowElement>(null);
  useFollow(row, isSelected);
  const sla = slaOf(review, now);
  const approvals = review.opinions.filter((it) => it.verdict === "APPROVE").length;
  const declines = review.opinions.length - approvals;
  const href = `/cases/${review.id}`;
  return (
    <tr
      ref={row}
      data-selected={isSelected || undefined}
      onClick={() => navigate(href)}
      onFocus={onSelect}
      onMouseDown={onSelect}
    >
      <td>
        <Link href={href} onClick={(event) => event.stopPropagation()} aria-current={isSelected ? "true" : undefined}>
          <Id of={review.id} />
        </Link>
      </td>
      <td>
        <WordChip word={REASON[review.reason]} />
      </td>
      <td>
        <Risk risk={review.risk} />
      </td>
      <td>
        <Chip tone={sla.tone}>{sla.text}</Chip>
        {review.level > 0 ? <Chip tone="red">escalated {review.level}×</Chip> : null}
      </td>
      <td>
        <WordChip word={review.decision === null ? REVIEW_STATUS[review.status] : OUTCOME[review.decision]} />
      </td>
      <td className="numbers">
        {approvals} of {review.approvalsNeeded}
        {declines > 0 ? <span className="declines"> · {declines} against</span> : null}
      </td>
      <td>{review.assignee === null ? <span className="muted">nobody</span> : <Person id={review.assignee} />}</td>
      <td>
        <Id of={review.customerId} />
      </td>
      <td className="muted">
        <Ago at={review.openedAt} />
      </td>
    </tr>
  );
}

/** A number, and how far it reaches. */
export function Risk({ risk }: { readonly risk: number }) {
  const tone = risk >= 70 ? "red" : risk >= 40 ? "amber" : "green";
  return (
    <span className="risk">
      <span className="risk-number">{risk}</span>
      <svg className={`risk-bar risk-${tone}`} width="48" height="6" aria-hidden="true">
        <rect className="risk-track" width="48" height="6" rx="3" />
        <rect className="risk-value" width={(48 * Math.min(Math.max(risk, 0), 100)) / 100} height="6" rx="3" />
      </svg>
    </span>
  );
}
