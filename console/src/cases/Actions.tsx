import { Button, Group } from "@mantine/core";
import { useState } from "react";

import {
  AddReviewNoteDocument,
  AssignReviewDocument,
  RequestInformationDocument,
  type ReviewCaseFragment,
} from "../graph/generated";
import { useCommand } from "../graph/hooks";
import { usePickedId } from "../graph/picked";
import { useKeys } from "../keys/keys";
import { useIsIn, useStaff } from "../session/context";
import { Ask } from "../ui/Ask";
import { Refused } from "../ui/parts";
import { Assign } from "./Assign";
import { Decide } from "./Decide";

const TEXT_MAX = 4000;

interface Props {
  readonly review: ReviewCaseFragment;
  readonly wrote: (review: ReviewCaseFragment) => void;
}

type Dialogue = "assign" | "note" | "question" | "decision";

/** What can be done with a case. The bank refuses what may not be; what cannot be, now or by this person, is not offered. */
export function Actions({ review, wrote }: Props) {
  const isCompliance = useIsIn("COMPLIANCE");
  if (!isCompliance) return <p className="push muted small">You may read this case, and change nothing in it.</p>;
  if (review.closedAt !== null) return null;
  return <Offered review={review} wrote={wrote} />;
}

function Offered({ review, wrote }: Props) {
  const me = useStaff();
  const [open, setOpen] = useState<Dialogue>();
  const take = useCommand(AssignReviewDocument);
  const [note, question, decision] = [usePickedId(), usePickedId(), usePickedId()];
  const isMine = review.assignee === me.id;
  const awaits = review.status === "AWAITS_CUSTOMER";
  const takeOn = async () => {
    const done = await take.run({ reviewId: review.id, to: me.id });
    if (done) wrote(done.backOffice.assignReview.review);
  };
  useKeys([
    ...(isMine ? [] : [{ keys: "a", does: "assigns the case to me", run: () => void takeOn() }]),
    { keys: "s", does: "assigns the case to somebody", run: () => setOpen("assign") },
    { keys: "n", does: "writes a note", run: () => setOpen("note") },
    ...(awaits
      ? []
      : [
          { keys: "q", does: "asks the customer", run: () => setOpen("question") },
          { keys: "d", does: "gives an opinion", run: () => setOpen("decision") },
        ]),
  ]);
  const close = () => setOpen(undefined);
  return (
    <div className="push">
      <Group gap="xs">
        {isMine ? null : (
          <Button variant="default" loading={take.isBusy} onClick={() => void takeOn()}>
            Assign to me&nbsp;<kbd>a</kbd>
          </Button>
        )}
        <Button variant="default" onClick={() => setOpen("assign")}>
          Assign …&nbsp;<kbd>s</kbd>
        </Button>
        <Button variant="default" onClick={() => setOpen("note")}>
          Note …&nbsp;<kbd>n</kbd>
        </Button>
        <Button variant="default" disabled={awaits} onClick={() => setOpen("question")}>
          Ask customer …&nbsp;<kbd>q</kbd>
        </Button>
        <Button disabled={awaits} onClick={() => setOpen("decision")}>
          Decide …&nbsp;<kbd>d</kbd>
        </Button>
      </Group>
      <Refused refusal={take.refusal} />
      {open === "assign" ? <Assign review={review} wrote={wrote} onClose={close} /> : null}
      {open === "note" ? <Note review={review} wrote={wrote} id={note} onClose={close} /> : null}
      {open === "question" ? <Question review={review} wrote={wrote} id={question} onClose={close} /> : null}
      {open === "decision" ? <Decide review={review} wrote={wrote} id={decision} onClose={close} /> : null}
    </div>
  );
}

interface Written extends Props {
  readonly id: ReturnType<typeof usePickedId>;
  readonly onClose: () => void;
}

function Note({ review, wrote, id, onClose }: Written) {
  const command = useCommand(AddReviewNoteDocument);
  return (
    <Ask
      title="Note"
      label="What is to be written down?"
      hint="Kept in the vault with the case. It stays."
      send="Write it down"
      lengthMin={1}
      lengthMax={TEXT_MAX}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (text) => {
        const done = await command.run({ reviewId: review.id, noteId: id.of(text), text });
        if (!done) return false;
        id.arrived();
        wrote(done.backOffice.addReviewNote.review);
        return true;
      }}
      onClose={onClose}
    />
  );
}

function Question({ review, wrote, id, onClose }: Written) {
  const command = useCommand(RequestInformationDocument);
  return (
    <Ask
      title="Ask the customer"
      label="What is the customer asked?"
      hint="The customer reads exactly this. Nothing is decided until the answer is there; the due date stays."
      send="Ask"
      lengthMin={1}
      lengthMax={TEXT_MAX}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (text) => {
        const done = await command.run({ reviewId: review.id, questionId: id.of(text), text });
        if (!done) return false;
        id.arrived();
        wrote(done.backOffice.requestInformation.review);
        return true;
      }}
      onClose={onClose}
    />
  );
}
