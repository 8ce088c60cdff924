import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useQuery } from "urql";
import { Link, Route, Switch, useLocation } from "wouter";

import { MeDocument } from "../graph/generated";
import { refusalOf } from "../graph/refusals";
import { Inbox } from "../inbox/Inbox";
import { Help } from "../keys/Help";
import { useKeys, useShortcuts, type Shortcut } from "../keys/keys";
import { StaffContext, useDoors, useSession, type Staff } from "../session/context";
import { Loading, Refused } from "../ui/parts";
import { GROUP } from "../ui/words";
import { CasePage } from "../cases/CasePage";
import { Applications } from "../applications/Applications";
import { CustomerPage } from "../customers/CustomerPage";

const ExecutionPage = lazy(() => import("../executions/ExecutionPage"));

/** What is around every page of somebody who is logged in. */
export function Shell() {
  const { store } = useDoors();
  const email = useSession()?.email ?? "";
  const [{ data, error }] = useQuery({ query: MeDocument });
  const me = data?.backOffice.me;
  if (!me) {
    return (
      <main className="login">
        {error ? (
          <div className="panel login-panel">
            <h1>You cannot work here</h1>
            <Refused refusal={refusalOf(error)} />
            <Button onClick={() => store.close()}>Log in as somebody else</Button>
          </div>
        ) : (
          <Loading />
        )}
      </main>
    );
  }
  const staff: Staff = { id: me.id, groups: me.groups, email };
  return (
    <StaffContext value={staff}>
      <Frame staff={staff} />
    </StaffContext>
  );
}

function Frame({ staff }: { readonly staff: Staff }) {
  const { store } = useDoors();
  const [path, navigate] = useLocation();
  const [help, setHelp] = useState<readonly Shortcut[]>();
  const shortcuts = useShortcuts();
  const showHelp = () => setHelp(shortcuts());
  useKeys([
    { keys: "?", does: "shows what keys do here", run: showHelp },
    { keys: "g i", does: "goes to the inbox", run: () => navigate("/") },
    { keys: "g a", does: "goes to the applications", run: () => navigate("/applications") },
  ]);
  return (
    <>
      <a className="skip" href="#content">
        To the content
      </a>
      <header className="bar">
        <Link href="/" className="brand">
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={22} height={22} />
          Granary
        </Link>
        <nav aria-label="Pages">
          <Link href="/" aria-current={path === "/" ? "page" : undefined}>
            Inbox
          </Link>
          <Link href="/applications" aria-current={path === "/applications" ? "page" : undefined}>
            Applications
          </Link>
        </nav>
        <div className="bar-end">
          <span className="who">
            {staff.email} <span className="muted">{staff.groups.map((it) => GROUP[it]).join(", ")}</span>
          </span>
          <Button variant="default" onClick={showHelp}>
            Keys&nbsp;<kbd>?</kbd>
          </Button>
          <Button variant="default" onClick={() => store.close()}>
            Log out
          </Button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/">
              <Inbox />
            </Route>
            <Route path="/cases/:id">{({ id }) => <CasePage key={id} id={id} />}</Route>
            <Route path="/applications">
              <Applications />
            </Route>
            <Route path="/customers/:id">{({ id }) => <CustomerPage key={id} id={id} />}</Route>
            <Route path="/executions/:id">{({ id }) => <ExecutionPage key={id} id={decodeURIComponent(id)} />}</Route>
            <Route>
              <div className="page">
                <h1>Nothing here</h1>
                <p>
                  There is no such page. <Link href="/">Go to the inbox.</Link>
                </p>
              </div>
            </Route>
          </Switch>
        </Suspense>
      </main>
      {help ? <Help shortcuts={help} onClose={() => setHelp(undefined)} /> : null}
    </>
  );
}
