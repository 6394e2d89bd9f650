using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using SessionManager.Sessions;

namespace SessionManager.Api.Sessions;

/// <summary>A session with everything that has happened to it, in order and without gaps.</summary>
[method: SetsRequiredMembers]
public sealed record SessionTimeline(
    [property: JsonIgnore] Session Session, [property: JsonPropertyOrder(1)] ImmutableArray<SessionEvent> Events) : Session(Session);
