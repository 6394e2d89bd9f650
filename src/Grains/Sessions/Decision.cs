using SessionManager.Errors;

namespace SessionManager.Sessions;

/// <summary>What a command comes to.</summary>
/// <param name="Change">What is to be stored; of the row it was decided on where nothing is.</param>
/// <param name="Fences">The owners whose slot or place it takes or holds.</param>
/// <param name="Refusal">What the caller is told instead of the session, once the change is stored.</param>
readonly record struct Decision(SessionChange? Change, Fence[] Fences, Refusal? Refusal = null)
{
    public static Decision Nothing(SessionRow row) => new SessionChange(row, [], []);

    public static implicit operator Decision(SessionChange change) => new(change, []);
    public static implicit operator Decision(Refusal refusal) => new(null, [], refusal);
}
