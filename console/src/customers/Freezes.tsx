import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";

import {
  FreezeCustomerDocument,
  RevealFreezeDocument,
  UnfreezeCustomerDocument,
  type CustomerRecordFragment,
  type FreezeSide,
} from "../graph/generated";
import { useCommand } from "../graph/hooks";
import { usePickedId } from "../graph/picked";
import { useKeys } from "../keys/keys";
import { useIsIn } from "../session/context";
import { Ask } from "../ui/Ask";
import { Chip, Panel } from "../ui/parts";
import { Person } from "../ui/Person";
import { moment } from "../ui/time";
import { SIDE } from "../ui/words";

interface Props {
  readonly customer: CustomerRecordFragment;
  readonly refresh: () => void;
}

const TEXT_MAX = 4000;

/** What does not move of a customer's money, who ordered that, and what was lifted. */
export function Freezes({ customer, refresh }: Props) {
  const [isCompliance, isOperations] = [useIsIn("COMPLIANCE"), useIsIn("OPERATIONS")];
  const mayFreeze = isCompliance || isOperations;
  const [isFreezing, setFreezing] = useState(false);
  const [lifted, setLifted] = useState<string>();
  const [asked, setAsked] = useState<string>();
  const [texts, setTexts] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const picked = usePickedId();
  useKeys(mayFreeze ? [{ keys: "f", does: "freezes the customer", run: () => setFreezing(true) }] : []);
  if (!mayFreeze && customer.freezes.length === 0) return null;
  const aside = mayFreeze ? (
    <Button variant="default" size="compact-xs" onClick={() => setFreezing(true)}>
      Freeze …&nbsp;<kbd>f</kbd>
    </Button>
  ) : null;
  return (
    <Panel title="Freezes" className="spaced" aside={aside}>
      {customer.freezes.length === 0 ? <p className="muted">Their money moves, and always has.</p> : null}
      <ul className="steps">
        {customer.freezes.map((it) => (
          <li key={it.id}>
            <span>{SIDE[it.side]}</span>
            <Chip tone={it.liftedAt === null ? "red" : "grey"}>{it.liftedAt === null ? "in force" : "lifted"}</Chip>
            <span className="muted small">
              since {moment(it.at)}
              {it.liftedAt === null ? "" : `, until ${moment(it.liftedAt)}`}
            </span>
            {it.reviewId === null ? null : <Link href={`/cases/${it.reviewId}`}>by a case</Link>}
            {it.by === null ? null : (
              <span>
                by <Person id={it.by} />
                {it.liftedBy === null ? null : (
                  <>
                    , lifted by <Person id={it.liftedBy} />
                  </>
                )}
              </span>
            )}
            {isCompliance && it.hasReason && !texts.has(it.id) ? (
              <Button variant="default" size="compact-xs" onClick={() => setAsked(it.id)}>
                Read why …
              </Button>
            ) : null}
            {mayFreeze && it.reviewId === null && it.liftedAt === null ? (
              <Button variant="default" size="compact-xs" onClick={() => setLifted(it.id)}>
                Lift …
              </Button>
            ) : null}
            {texts.get(it.id)?.map((text) => (
              <blockquote key={text} className="entry-text">
                {text}
              </blockquote>
            ))}
          </li>
        ))}
      </ul>
      {isFreezing ? (
        <Freeze customer={customer} refresh={refresh} picked={picked} onClose={() => setFreezing(false)} />
      ) : null}
      {lifted === undefined ? null : (
        <Lift customer={customer} refresh={refresh} freezeId={lifted} onClose={() => setLifted(undefined)} />
      )}
      {asked === undefined ? null : (
        <ReadWhy
          customer={customer}
          freezeId={asked}
          onRead={(read) => setTexts(new Map([...texts, [asked, read]]))}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Panel>
  );
}

function Freeze({
  customer,
  refresh,
  picked,
  onClose,
}: Props & {
  readonly picked: ReturnType<typeof usePickedId>;
  readonly onClose: () => void;
}) {
  const [side, setSide] = useState<FreezeSide>("BOTH");
  const command = useCommand(FreezeCustomerDocument);
  return (
    <Ask
      title="Freeze the customer"
      label="Why?"
      hint="Kept in the vault, for auditors. The customer does not read it."
      send="Freeze"
      color="red"
      lengthMin={1}
      lengthMax={TEXT_MAX}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (reason) => {
        const freezeId = picked.of(`${side} ${reason}`);
        if (!(await command.run({ customerId: customer.id, freezeId, side, reason }))) return false;
        picked.arrived();
        refresh();
        return true;
      }}
      onClose={onClose}
    >
      <NativeSelect
        label="What does not move"
        mb="xs"
        value={side}
        onChange={(event) => setSide(event.currentTarget.value as FreezeSide)}
        data={[
          { value: "BOTH", label: "Both ways" },
          { value: "DEBITS", label: "What they ask for" },
          { value: "CREDITS", label: "What comes in" },
        ]}
      />
    </Ask>
  );
}

/** Shows what was written about a freeze, for a reason. */
function ReadWhy({
  customer,
  freezeId,
  onRead,
  onClose,
}: {
  readonly customer: CustomerRecordFragment;
  readonly freezeId: string;
  readonly onRead: (texts: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const reveal = useCommand(RevealFreezeDocument);
  return (
    <Ask
      title="Read why they were frozen"
      label="Why do you have to read it?"
      hint="10 to 500 characters, for auditors. Nothing personal belongs here."
      send="Read"
      lengthMin={10}
      lengthMax={500}
      isBusy={reveal.isBusy}
      refusal={reveal.refusal}
      onSend={async (reason) => {
        const done = await reveal.run({ customerId: customer.id, freezeId, reason });
        if (!done) return false;
        const { text, liftedText } = done.backOffice.revealFreeze;
        onRead(liftedText === null ? [text] : [text, liftedText]);
        return true;
      }}
      onClose={onClose}
    />
  );
}

function Lift({
  customer,
  refresh,
  freezeId,
  onClose,
}: Props & {
  readonly freezeId: string;
  readonly onClose: () => void;
}) {
  const command = useCommand(UnfreezeCustomerDocument);
  return (
    <Ask
      title="Lift the freeze"
      label="Why?"
      hint="Kept in the vault, for auditors. Other freezes stay in force."
      send="Lift"
      lengthMin={1}
      lengthMax={TEXT_MAX}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (reason) => {
        if (!(await command.run({ customerId: customer.id, freezeId, reason }))) return false;
        refresh();
        return true;
      }}
      onClose={onClose}
    />
  );
}
