using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Errors;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Journal;
using SessionManager.Sessions;

namespace SessionManager.Api.Sessions;

/// <summary>Reads sessions for their owner, and for administrators those of anyone.</summary>
sealed class SessionReader(IGrainFactory grains, IJournalReader journal)
{
    static readonly FrozenDictionary<string, SessionState> States = new Dictionary<string, SessionState>
    {
        ["provisioned"] = SessionState.Provisioned,
        ["connected"] = SessionState.Connected,
        ["dropped"] = SessionState.Dropped,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="accountId">null: of every account.</param>
    public async Task<Results<Ok<Page<Session>>, Problem>> List(
        string? accountId, string? state, string? limit, string? cursor, CancellationToken cancellation)
    {
        var check = new Validator();
        check.That(state is null || States.ContainsKey(state), "state", "must be provisioned, connected or dropped");
        var size = Paging.Limit(limit, check);
        if (check.Problem is { } problem)
            return problem;
        var only = state is null ? (SessionState?)null : States[state];
        return await Paging.Read(cursor, () => journal.Sessions(accountId, only, cursor, size, cancellation));
    }

    /// <param name="accountId">null: of any account.</param>
    public async Task<Results<Ok<SessionTimeline>, Problem>> Get(string id, string? accountId, CancellationToken cancellation)
    {
        // The session first: what it lets go of meanwhile is in the journal by the time that is read.
        if (!SessionIds.IsWellFormed(id) || await grains.GetGrain<ISessionGrain>(id).Get(accountId) is not { } detail)
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        return TypedResults.Ok(SessionTimeline.Of(detail, await journal.Timeline(id, cancellation)));
    }
}
