using Microsoft.AspNetCore.Authorization;
using SessionManager.Api.Keys;
using SessionManager.Errors;

namespace SessionManager.Api.Auth;

/// <summary>Asks the route's <see cref="Access"/> and keeps its reason for the answer.</summary>
sealed class AccessHandler(KeyUses uses) : AuthorizationHandler<Access>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, Access requirement)
    {
        if (context.Resource is not HttpContext http)
            return;
        if (requirement.ForSpectators)
        {
            if (http.Features.Get<Spectator>() is not null)
                context.Succeed(requirement);
            return;
        }

        if (http.Features.Get<Caller>() is not { } caller)
        {
            // Nobody, rather than somebody who was refused.
            if (requirement.IsAnonymous && http.Features.Get<Refusal>() is null)
                context.Succeed(requirement);
            return;
        }

        if (requirement.Judge(caller) is { } refusal)
        {
            http.Features.Set(refusal);
            return;
        }

        if (caller.KeyId is { } keyId)
            await uses.Note(keyId);
        context.Succeed(requirement);
    }
}
