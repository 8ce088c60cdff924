import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";

import { AssignReviewDocument, type ReviewCaseFragment } from "../graph/generated";
import { useCommand } from "../graph/hooks";
import { useStaff } from "../session/context";
import { Refused } from "../ui/parts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Gives the case to somebody. People are known by their ids; those who worked on the case are offered. */
export function Assign({
  review,
  wrote,
  onClose,
}: {
  readonly review: ReviewCaseFragment;
  readonly wrote: (review: ReviewCaseFragment) => void;
  readonly onClose: () => void;
}) {
  const me = useStaff();
  const [to, setTo] = useState("");
  const command = useCommand(AssignReviewDocument);
  const seen = review.timeline.flatMap((it) => [it.actor, it.assignee ?? ""]);
  const known = [...new Set([me.id, ...seen.filter((it) => UUID.test(it))])];
  const assign = async (whom: string) => {
    const done = await command.run({ reviewId: review.id, to: whom });
    if (!done) return;
    wrote(done.backOffice.assignReview.review);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Assign" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (UUID.test(to.trim())) void assign(to.trim().toLowerCase());
        }}
      >
        <Group gap="xs" role="group" aria-label="People who worked on this case">
          {known.map((id) => (
            <Button key={id} variant="default" disabled={id === review.assignee} onClick={() => void assign(id)}>
              {id === me.id ? "Me" : id.slice(0, 8)}
            </Button>
          ))}
        </Group>
        <TextInput
          data-autofocus
          label="Or somebody by their id"
          placeholder="00000000-0000-0000-0000-000000000000"
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={to !== "" && !UUID.test(to.trim()) ? "An id has 36 characters." : undefined}
        />
        <Refused refusal={command.refusal} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!UUID.test(to.trim())} loading={command.isBusy}>
            Assign
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
