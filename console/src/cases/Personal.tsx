import { Button } from "@mantine/core";
import { useState } from "react";

import { RevealPersonalDataDocument, type RevealPersonalDataMutation } from "../graph/generated";
import { useCommand } from "../graph/hooks";
import { useKeys } from "../keys/keys";
import { useIsIn } from "../session/context";
import { Ask } from "../ui/Ask";
import { Facts, Panel } from "../ui/parts";

type Data = RevealPersonalDataMutation["backOffice"]["revealPersonalData"];

const DOCUMENT: Readonly<Record<Data["document"]["kind"], string>> = {
  PASSPORT: "Passport",
  DRIVING_LICENCE: "Driving licence",
  IDENTITY_CARD: "Identity card",
};

/** What the customer wrote. It is held by this page only, and gone with it. */
export function Personal({
  customerId,
  applicationId,
}: {
  readonly customerId: string;
  readonly applicationId: string | null;
}) {
  const mayRead = useIsIn("COMPLIANCE");
  const [data, setData] = useState<Data>();
  const [isAsking, setAsking] = useState(false);
  const reveal = useCommand(RevealPersonalDataDocument);
  useKeys(
    mayRead && !data ? [{ keys: "p", does: "shows personal data, for a reason", run: () => setAsking(true) }] : [],
  );

  const read = async (reason: string) => {
    const done = await reveal.run({ customerId, applicationId, reason });
    setData(done?.backOffice.revealPersonalData);
    return done !== undefined;
  };
  const aside = data ? (
    <Button variant="default" size="compact-xs" onClick={() => setData(undefined)}>
      Hide
    </Button>
  ) : null;
  return (
    <Panel title="Personal data" aside={aside}>
      {data ? <Shown data={data} /> : null}
      {!data && mayRead ? (
        <>
          <p className="muted small">Sealed. Reading it asks for a reason, which the audit log keeps with your name.</p>
          <Button variant="default" onClick={() => setAsking(true)}>
            Reveal …&nbsp;<kbd>p</kbd>
          </Button>
        </>
      ) : null}
      {mayRead ? null : <p className="muted small">Sealed. Only compliance may read it.</p>}
      {isAsking ? (
        <Ask
          title="Reveal personal data"
          label="Why do you have to read it?"
          hint="10 to 500 characters, for auditors. Nothing personal belongs here."
          send="Reveal"
          lengthMin={10}
          lengthMax={500}
          isBusy={reveal.isBusy}
          refusal={reveal.refusal}
          onSend={read}
          onClose={() => {
            setAsking(false);
            reveal.forget();
          }}
        />
      ) : null}
    </Panel>
  );
}

function Shown({ data }: { readonly data: Data }) {
  const { address, document, bankAccount } = data;
  const account = bankAccount && [
    bankAccount.holder,
    bankAccount.iban,
    bankAccount.sortCode,
    bankAccount.accountNumber,
  ];
  return (
    <Facts
      of={[
        ["Name", `${data.firstName} ${data.lastName}`],
        ["Born", data.birthDate],
        ["Nationality", data.nationality],
        ["Address", `${address.street}, ${address.town} ${address.postcode}, ${address.country}`],
        [DOCUMENT[document.kind], `${document.number} (${document.issuingCountry})`],
        ...(account ? [["Pays from", account.filter((it) => it !== null).join(", ")] as const] : []),
      ]}
    />
  );
}
