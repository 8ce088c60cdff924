import { Radio } from "@mantine/core";
import { useState } from "react";

import { DecideReviewDocument, type ReviewCaseFragment, type ReviewDecision } from "../graph/generated";
import { useCommand } from "../graph/hooks";
import type { usePickedId } from "../graph/picked";
import { useStaff } from "../session/context";
import { Ask } from "../ui/Ask";
import { people } from "./Opinions";
import { after, volunteersOf } from "./quorum";

/** Asks for an opinion, and says beforehand what it will lead to. */
export function Decide({
  review,
  wrote,
  id,
  onClose,
}: {
  readonly review: ReviewCaseFragment;
  readonly wrote: (review: ReviewCaseFragment) => void;
  readonly id: ReturnType<typeof usePickedId>;
  readonly onClose: () => void;
}) {
  const me = useStaff();
  const [decision, setDecision] = useState<ReviewDecision>("APPROVE");
  const command = useCommand(DecideReviewDocument);
  const isCustomer = review.applicationId === null;
  const before = review.opinions.find((it) => it.by === me.id);
  return (
    <Ask
      title="Decide"
      label="Why?"
      hint="Kept in the vault with the case, for auditors."
      send={decision === "APPROVE" ? "Approve" : "Decline"}
      color={decision === "APPROVE" ? "blue" : "red"}
      lengthMin={1}
      lengthMax={4000}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (reason) => {
        const input = { reviewId: review.id, decisionId: id.of(`${decision} ${reason}`), decision, reason };
        const done = await command.run(input);
        if (!done) return false;
        id.arrived();
        wrote(done.backOffice.decideReview.review);
        return true;
      }}
      onClose={onClose}
    >
      <Radio.Group
        label="Your opinion"
        value={decision}
        onChange={(value) => setDecision(value === "DECLINE" ? "DECLINE" : "APPROVE")}
      >
        <div className="stack-tight">
          <Radio
            value="APPROVE"
            label={`Approve: ${isCustomer ? "they may stay a customer" : "they may be a customer"}`}
          />
          <Radio value="DECLINE" label="Decline: they may not" />
        </div>
      </Radio.Group>
      <p className="needed" role="status">
        {consequence(review, me.id, decision)}
        {before ? ` It replaces what you said before (${before.verdict === "APPROVE" ? "approve" : "decline"}).` : ""}
      </p>
    </Ask>
  );
}

function consequence(review: ReviewCaseFragment, me: string, decision: ReviewDecision): string {
  const more = after(review, me, decision);
  if (more === 0) {
    const what = review.applicationId === null ? "case" : "application";
    const freeze = decision === "APPROVE" ? "is lifted" : "stays";
    const also = review.freezes === null ? "" : ` What it freezes ${freeze}.`;
    return `With this the ${what} is ${decision === "APPROVE" ? "approved" : "declined"}.${also}`;
  }
  const alone = decision === "APPROVE" && volunteersOf(review).has(me) ? " You took the case upon yourself." : "";
  return `This does not decide it yet: ${people(more)} more must agree.${alone}`;
}
