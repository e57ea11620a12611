/*
 * vfork(): the child uses its parent's memory but has its own descriptor table, so nothing that
 * known.c remembers may be changed or used by the child. vfork() returns twice on the same stack:
 * the wrapper must jump to the real function and leave nothing of its own on the stack.
 */
#include "shim/calls.h"
#include "shim/known.h"

/* Returns the address to jump to. */
__attribute__((used)) void *before_vfork(void);
void *before_vfork(void)
{
    void *real = real_function(CALL_vfork);
    known_give_up();
    return real ? real : (void *)(uintptr_t)_Fork;
}

#if defined __x86_64__
#define JUMP "endbr64\n sub $8, %rsp\n call before_vfork\n add $8, %rsp\n jmp *%rax\n"
#elif defined __aarch64__
#define JUMP                                                                                       \
    "stp x29, x30, [sp, -16]!\n bl before_vfork\n ldp x29, x30, [sp], 16\n mov x16, x0\n br x16\n"
#elif defined __riscv
#define JUMP                                                                                       \
    "addi sp, sp, -16\n sd ra, 8(sp)\n call before_vfork\n ld ra, 8(sp)\n addi sp, sp, 16\n jr "   \
    "a0\n"
#endif

#define EXPORT(name) ".globl " name "\n .type " name ", @function\n" name ":\n"
__asm__(".text\n" EXPORT("vfork") EXPORT("__vfork") JUMP);
