using SessionManager.Client;

namespace SessionManager.Console.Sessions;

/// <summary>What a new line of its timeline makes of a session that is shown: no need to ask for it again.</summary>
static class SessionChanges
{
    public static Session Apply(this Session session, SessionEvent happened)
    {
        // News from before what was read is in it already.
        if (session.State == SessionStates.Dropped)
            return session;
        session = session with { LastActivityAt = happened.At > session.LastActivityAt ? happened.At : session.LastActivityAt };
        return happened.Type switch
        {
            "connected" => session with { State = SessionStates.Connected, ConnectedAt = session.ConnectedAt ?? happened.At },
            "token_expired" => session with { TokenExpired = true },
            "dropped" => session with { State = SessionStates.Dropped, Reason = happened.Detail, DroppedAt = happened.At },
            _ => session,
        };
    }
}
