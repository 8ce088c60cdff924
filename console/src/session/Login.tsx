import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { explainPool } from "./cognito";
import { useDoors } from "./context";

/** A temporary password was right, and another one has to be chosen. */
interface Challenge {
  readonly username: string;
  readonly session: string;
}

export function Login() {
  const { pool, store } = useDoors();
  const [challenge, setChallenge] = useState<Challenge>();
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setRefusal(undefined);
    await work().catch((error: unknown) => setRefusal(explainPool(error)));
    setBusy(false);
  };
  const logIn = (username: string, password: string) =>
    attempt(async () => {
      const answer = await pool.logIn(username, password);
      if (answer.kind === "new-password") setChallenge({ username: answer.username, session: answer.session });
      else store.open(answer.tokens, username);
    });
  const choose = (given: Challenge, password: string) =>
    attempt(async () => {
      store.open(await pool.chooseNewPassword(given.username, given.session, password), given.username);
    });

  return (
    <main className="login">
      <div className="panel login-panel">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={36} height={36} />
        <h1>Granary console</h1>
        {challenge ? (
          <NewPassword isBusy={isBusy} refusal={refusal} onChosen={(password) => void choose(challenge, password)} />
        ) : (
          <Credentials isBusy={isBusy} refusal={refusal} onGiven={(name, password) => void logIn(name, password)} />
        )}
      </div>
    </main>
  );
}

function Credentials(props: {
  readonly isBusy: boolean;
  readonly refusal: string | undefined;
  readonly onGiven: (username: string, password: string) => void;
}) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Form refusal={props.refusal} onSubmit={() => props.onGiven(username.trim(), password)}>
      <p className="muted">For people who work here.</p>
      <TextInput
        label="E-mail address"
        type="email"
        autoComplete="username"
        required
        autoFocus
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" fullWidth loading={props.isBusy}>
        Log in
      </Button>
    </Form>
  );
}

function NewPassword(props: {
  readonly isBusy: boolean;
  readonly refusal: string | undefined;
  readonly onChosen: (password: string) => void;
}) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const differs = again !== "" && again !== password;
  return (
    <Form refusal={props.refusal} onSubmit={() => !differs && props.onChosen(password)}>
      <p className="muted">Your password was a temporary one. Choose one of your own.</p>
      <PasswordInput
        label="New password"
        autoComplete="new-password"
        required
        autoFocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password, once more"
        autoComplete="new-password"
        required
        error={differs ? "The two differ." : undefined}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <Button type="submit" fullWidth loading={props.isBusy}>
        Use this password
      </Button>
    </Form>
  );
}

function Form(props: {
  readonly refusal: string | undefined;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}) {
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
      {props.refusal === undefined ? null : (
        <Alert color="red" variant="outline" role="alert">
          {props.refusal}
        </Alert>
      )}
    </form>
  );
}
