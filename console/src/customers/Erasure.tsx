import { Button } from "@mantine/core";
import { useState } from "react";

import { EraseCustomerDocument, type CustomerRecordFragment } from "../graph/generated";
import { useCommand } from "../graph/hooks";
import { useIsIn } from "../session/context";
import { Ask } from "../ui/Ask";
import { Chip, Panel } from "../ui/parts";
import { Person } from "../ui/Person";
import { day, moment } from "../ui/time";
import { LEGAL_GROUND, PERSONAL_DATA } from "../ui/words";

interface Props {
  readonly customer: CustomerRecordFragment;
  readonly refresh: () => void;
}

const TEXT_MAX = 4000;

/** What becomes of a customer's personal data, once somebody of compliance has them erased. */
export function Erasure({ customer, refresh }: Props) {
  const isCompliance = useIsIn("COMPLIANCE");
  const [isErasing, setErasing] = useState(false);
  const { erasure } = customer;
  if (erasure === null) {
    if (!isCompliance) return null;
    const aside = (
      <Button variant="default" size="compact-xs" onClick={() => setErasing(true)}>
        Erase …
      </Button>
    );
    return (
      <Panel title="Erasure" className="spaced" aside={aside}>
        <p className="muted">Nobody asked for it.</p>
        {isErasing ? <Erase customer={customer} refresh={refresh} onClose={() => setErasing(false)} /> : null}
      </Panel>
    );
  }
  return (
    <Panel title="Erasure" className="spaced">
      <p className="small">
        Asked for {moment(erasure.requestedAt)} by <Person id={erasure.requestedBy} />
      </p>
      <ul className="steps">
        {erasure.data.map((it) => (
          <li key={it.class}>
            <span>{PERSONAL_DATA[it.class]}</span>
            <Chip tone={it.destroyedAt === null ? "amber" : "grey"}>
              {it.destroyedAt === null ? `kept until ${day(it.dueOn)}` : "destroyed"}
            </Chip>
            {it.destroyedAt === null ? null : <span className="muted small">{moment(it.destroyedAt)}</span>}
            {it.legalGround === null ? null : <span className="muted small">{LEGAL_GROUND[it.legalGround]}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Erase({ customer, refresh, onClose }: Props & { readonly onClose: () => void }) {
  const command = useCommand(EraseCustomerDocument);
  return (
    <Ask
      title="Erase the customer"
      label="Why?"
      hint="Kept in the vault, for auditors. They are no customer from then on, and nothing takes that back."
      send="Erase"
      color="red"
      lengthMin={1}
      lengthMax={TEXT_MAX}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (reason) => {
        if (!(await command.run({ customerId: customer.id, reason }))) return false;
        refresh();
        return true;
      }}
      onClose={onClose}
    />
  );
}
